"""The networks, named as the papers name them."""
