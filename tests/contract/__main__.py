"""Both parts, one after the other, in one process: a signal to it reaches whatever runs. Arguments go to the second."""

import sys

import contract
import fuzz

asked = contract.main([])
print(flush=True)
sys.exit(fuzz.main() or asked)
