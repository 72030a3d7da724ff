"""Runs a program of Tryton until it ends, or until whoever started it is gone: then its input ends, however they ended.

    run.py PROGRAM ARGUMENTS…
"""
import os, runpy, signal, sys, threading

def end_with_the_input():
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=end_with_the_input, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
