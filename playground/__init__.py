"""Recurrent playground: train recurrent networks and look inside. The engine; it knows no page.

    from playground.config import from_flat
    from playground.runs.launch import launch

    manager = launch(inline=True)
    run = manager.start(from_flat({"cell": "gru", "epochs": 5}))
    print(manager.wait(run.id).train_loss)

`import playground` is cheap: torch is imported by the modules that compute with it.
"""

__version__ = "0.1.0"
