"""A page of the documentation, taken apart: blocks of code, how they are tried, and the text around them.

A block is tried as the comment in front of it says:

    <!-- check-docs
    cp -r $SAMPLES/data .                       a command that makes what the block needs
    --minutes 40 => --steps 2 --config quick    words of the block, and what is run in their place
    needs curl                                  a program without which the block is passed over, aloud
    -->
    <!-- not run: it needs a cluster -->        why the block is not run at all
"""

import os
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^\s*(`{3,})\s*(\S*)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NOT_RUN = re.compile(r"^<!-- not run: (.+) -->$")


class Block:
    """Code between fences: its mark, its lines, and how it is tried."""

    def __init__(self, line, mark):
        self.line, self.mark, self.lines = line, mark, []
        self.before, self.replaced, self.reason = [], [], None

    def script(self):
        """What is run: the lines with their replacements, and what of these does not occur."""
        text, missing = "\n".join(self.lines), []
        for old, new in self.replaced:
            if old not in text:
                missing.append(old)
            text = text.replace(old, new)
        return text, missing


class Page:
    def __init__(self, path):
        self.path, self.name = path, os.path.relpath(path, ROOT)
        self.blocks, self.prose = [], []  # Prose: (line, text).
        fence = comment = None
        pending = Block(0, "")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = FENCE.match(line)
            if comment is not None:
                if line.strip() == "-->":
                    comment = None
                elif " => " in line:
                    pending.replaced.append(tuple(part.strip() for part in line.split(" => ", 1)))
                elif line.startswith("needs "):
                    if not shutil.which(line.split()[1]):
                        pending.reason = f"there is no {line.split()[1]} here"
                else:
                    pending.before.append(line)
            elif fence is None and match:
                fence = match.group(1)
                pending.line, pending.mark = number, match.group(2)
                self.blocks.append(pending)
                pending = Block(0, "")
            elif fence is not None and match and match.group(1) == fence and not match.group(2):
                fence = None
            elif fence is not None:
                self.blocks[-1].lines.append(line)
            elif line.strip() == "<!-- check-docs":
                comment = number
            elif reason := NOT_RUN.match(line):
                pending.reason = reason.group(1)
            else:
                self.prose.append((number, line))

    def headings(self):
        """The anchors that its headings have on GitHub."""
        names = set()
        for _, line in self.prose:
            if line.startswith("#"):
                text = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
                names.add(text.replace(" ", "-"))
        return names

    def broken_links(self):
        for number, line in self.prose:
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                path = (self.path.parent / file) if file else self.path
                if not path.exists():
                    yield f"{self.name}:{number}: no such file: {target}"
                elif anchor and path.suffix == ".md" and anchor not in Page(path).headings():
                    yield f"{self.name}:{number}: no such heading: {target}"


if __name__ == "__main__":  # PAGE MARK N: the Nth block of a mark.
    found = [block for block in Page(ROOT / sys.argv[1]).blocks if block.mark == sys.argv[2]]
    print("\n".join(found[int(sys.argv[3]) - 1].lines))
