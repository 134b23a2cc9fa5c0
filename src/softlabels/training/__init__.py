"""Fleets of small networks, and the plain loops that they equal."""
