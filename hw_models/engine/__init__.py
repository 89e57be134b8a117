"""The two engines: `event` is the reference, `fast` gives the same numbers; neither imports the other."""
