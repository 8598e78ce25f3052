"""Recurrent playground: train recurrent networks and look inside. The engine; it knows no page.

    from playground.config import from_flat
    from playground.runs import open_store, train

`import playground` is cheap: torch is imported by the modules that compute with it.
"""

__version__ = "0.1.0"
