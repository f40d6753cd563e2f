"""What happens to files: each function damages one, at random."""

import shutil


def cut(file, random):
    file.write_bytes(file.read_bytes()[: int(random.integers(max(file.stat().st_size, 1)))])


def one_bit_flipped(file, random):
    content = bytearray(file.read_bytes() or b"\0")
    content[int(random.integers(len(content)))] ^= 1 << int(random.integers(8))
    file.write_bytes(content)


def noise(file, random):
    file.write_bytes(random.bytes(file.stat().st_size))


def some_noise(file, random):
    """A block of a disk."""
    content = bytearray(file.read_bytes())
    start = int(random.integers(max(len(content), 1)))
    content[start : start + 512] = random.bytes(len(content[start : start + 512]))
    file.write_bytes(content)


def emptied(file, random):
    file.write_bytes(b"")


def longer(file, random):
    file.write_bytes(file.read_bytes() + random.bytes(1 + int(random.integers(600))))


def zeros(file, random):
    """What a file system may leave after a power cut."""
    file.write_bytes(bytes(file.stat().st_size))


def gone(file, random):
    file.unlink()


def a_folder_instead(file, random):
    file.unlink()
    file.mkdir()


def a_link_to_nothing(file, random):
    file.unlink()
    file.symlink_to(file.with_name("nothing"))


def another_file_instead(file, random):
    """One of the same folder of all."""
    others = [each for each in file.parents[1].rglob(file.name) if each.is_file() and each != file]
    if others:
        shutil.copyfile(others[int(random.integers(len(others)))], file)


def unreadable(file, random):
    file.chmod(0)


DAMAGES = (
    *(cut, one_bit_flipped, noise, some_noise, emptied, longer, zeros, gone, a_folder_instead, a_link_to_nothing),
    *(another_file_instead, unreadable),
)


def damage_some(folder, number, random):
    """Damage one to all files below a folder, as damage ``number`` does; what was done."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    chosen = random.choice(len(files), int(random.integers(1, len(files) + 1)), replace=False)
    damage = DAMAGES[number % len(DAMAGES)]
    for index in chosen:
        if files[index].is_file():
            damage(files[index], random)
    return f"{damage.__name__}: {len(chosen)} of {len(files)} files"
