"""The units of a machine, each with its own day on SimPy's clock, and the host's model."""
