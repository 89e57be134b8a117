"""The explorer: from a space of designs to rows; the one place where pruning, quality and hardware meet."""
