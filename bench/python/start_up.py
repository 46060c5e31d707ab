"""Starts this interpreter with nothing to do, and prints the CPU milliseconds of each start, with the hooks or without.

usage: start_up.py TIMES [PYTHONPATH]
"""

import os
import resource
import subprocess
import sys

env = {"PATH": os.environ["PATH"]}
if len(sys.argv) > 2:
    env["PYTHONPATH"] = sys.argv[2]
for _ in range(int(sys.argv[1])):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "pass"], env=env, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
