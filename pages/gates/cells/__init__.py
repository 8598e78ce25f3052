"""What a network has learnt to follow: its units beside what they go with."""
