"""Who trains when: a manager with a queue, and executors that train here or in worker processes."""
