"""softlabels: what soft labels teach and what they leak, computed.

Import the submodule that you need (`from softlabels import labels`): this file imports nothing, so it costs nothing.
"""

__version__ = "0.1.0"
