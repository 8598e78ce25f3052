"""What the server answers beside its pages: a run's history, its writing, Plotly and the panels' modules."""
