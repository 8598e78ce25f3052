"""The training loop: it yields events, and knows no thread, file or page."""
