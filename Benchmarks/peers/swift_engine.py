"""Talks to the Swift side of the benchmarks: the program `engine serve`, one JSON object a line each way."""

import json
import subprocess


class SwiftEngine:
    """A running `engine`. It waits without using the processor while the other side is timed."""

    def __init__(self, program, folder, threads):
        self.process = subprocess.Popen(
            [program, "serve", str(folder), "--threads", str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, **request):
        """Sends a request and returns the answer; an answer with an `error` is raised."""
        self.process.stdin.write(json.dumps(request) + "\n")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"engine ended with status {self.process.wait()} at {request}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"engine: {answer['error']}")
        return answer

    def seconds(self, work, repeats):
        """Times a work by name: a list of wall-clock seconds, after one untimed run."""
        return self.ask(do="time", work=work, repeats=repeats)["seconds"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
