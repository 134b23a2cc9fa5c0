"""softlabels: what a soft label teaches and what it leaks, computed.

Import the submodule that you need (`from softlabels import labels`): this file imports nothing, so it costs nothing.
"""

__version__ = "0.1.0"
