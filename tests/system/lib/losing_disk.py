"""losing_disk - npsd on a model of a disk that loses its cache: losing_disk.c.

	disk = LosingDisk(place, daemon, chance)
	disk.begin()
	disk.draw(); daemon.start()
	... daemon.kill(); disk.cut()
	disk.draw(); daemon.start() ...
"""
import contextlib
import os
import shutil

from preload import preload

HERE = os.path.dirname(os.path.abspath(__file__))
ENDINGS = ("", "-wal", ".lock")     # -shm is rebuilt from the WAL


class KeepingDisk:
    """As it is when only npsd dies: all that was written is there."""

    keeps = True

    def begin(self):
        pass

    def draw(self):
        pass

    def cut(self):
        pass


class LosingDisk:
    """One that loses what was not synced."""

    keeps = False

    def __init__(self, place, daemon, chance):
        self.daemon = daemon
        self.chance = chance
        self.shadows = place.path("shadows")
        self.lost = []  # by each cut, whether anything of the WAL was lost
        os.mkdir(self.shadows)
        self.environment = preload(
            place, os.path.join(HERE, "losing_disk.c"))

    def pairs(self):
        for ending in ENDINGS:
            path = self.daemon.database + ending
            yield path, os.path.join(self.shadows, os.path.basename(path))

    def begin(self):
        """From now on. A new file is some fifty syncs: it is made before, and
        lies there without a WAL."""
        self.daemon.start().stop()
        for path, shadow in self.pairs():
            if os.path.exists(path):
                shutil.copy(path, shadow)

    def draw(self):
        """Another disk at each start: slow ones, hasty ones."""
        self.daemon.environment.update(
            self.environment, DISK_FILE=self.daemon.database,
            DISK_SHADOW=self.shadows,
            DISK_SEED=str(self.chance.randrange(1 << 30)),
            DISK_EARLY=str(self.chance.choice((10, 50, 80))),
            DISK_SYNC_MS=str(self.chance.choice((2, 10, 30))))

    def cut(self):
        """What was not durable is gone; the daemon is, too."""
        wal = self.daemon.database + "-wal"
        before = content(wal)
        for path, shadow in self.pairs():
            if os.path.exists(shadow):
                shutil.copy(shadow, path)
            elif os.path.exists(path):
                os.remove(path)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.daemon.database + "-shm")
        self.lost.append(content(wal) != before)


def content(path, limit=-1):
    """b"" where there is none."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        return file.read(limit)
    return b""
