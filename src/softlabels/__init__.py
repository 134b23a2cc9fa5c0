"""softlabels: what a soft label teaches and what it leaks, computed. Import the submodule that you need; this file imports nothing."""

__version__ = "0.1.0"
