"""The teacher's page: what a whole class does."""
