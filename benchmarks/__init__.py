"""How fast the simulator is, alone and beside its peers; every ratio is measured in one run, in processor time."""
