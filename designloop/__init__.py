"""designloop: the simulator of the slow wet-lab loop, and the scheduler that wins inside it."""
