# The units of bench/steps as pyinfra makes them; COUNT and CHANGED in the environment as in playbook.yml.
from io import StringIO
from os import environ

from pyinfra.operations import files, systemd

count, changed = int(environ["COUNT"]), int(environ["CHANGED"])
units = [
    files.put(
        name=f"unit {i}",
        src=StringIO(f"[Unit]\nDescription=Bench {i}{' changed' if i == changed else ''}\n[Service]\nExecStart=/bin/true\n"),
        dest=f"/etc/systemd/system/bench-{i}.service",
        user="root",
        group="root",
        mode="644",
    )
    for i in range(1, count + 1)
]
systemd.daemon_reload(name="reload", _if=lambda: any(unit.did_change() for unit in units))
