"""Runs both parts in sequence in one process, so that a signal reaches the running one. Arguments go to the second."""

import sys

import contract
import fuzz

asked = contract.main([])
print(flush=True)
sys.exit(fuzz.main() or asked)
