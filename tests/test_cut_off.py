"""A scheduler that the network cuts off and brings back: in a network namespace of its own, on a cable that is pulled.

The far side has the scheduler and two workers, the near side `softlabels run`.
"""

import os
import shutil
import subprocess
import sys

import pytest
from test_cluster import SCRIPT
from test_sweep import HERE, computed

pytest.importorskip("distributed")

FAR = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="10.77.0.2", scheduler_port=8786, dashboard_address=":0", memory_limit=0
    ):
        print("up", flush=True)
        sys.stdin.read()
"""
CABLE = """
ip link set lo up
unshare --net sleep 600 & far=$!
until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
inside="nsenter --target $far --net"
ip link add near type veth peer name far netns $far
ip addr add 10.77.0.1/24 dev near
ip link set near up
$inside ip addr add 10.77.0.2/24 dev far
$inside ip link set far up
$inside ip link set lo up
mkfifo stop && exec 9<>stop
$inside "$PYTHON" far.py < stop > up 2> far.log &
until [ -s up ]; do sleep 0.1; done
"$PYTHON" run.py "$TESTS" --scheduler tcp://10.77.0.2:8786 2> said & client=$!
until ls runs/memorized/toy.smoke/*.json > /dev/null 2>&1; do sleep 0.05; done
ip link set near down
sleep 1
ip link set near up
wait $client; echo $?
kill $far
"""


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_a_sweep_goes_on_when_the_scheduler_is_back(project):
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        pytest.skip("unshare, nsenter and ip are not all on this machine")
    if subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        pytest.skip("network namespaces are not allowed here")
    (project / "far.py").write_text(FAR)
    (project / "run.py").write_text(SCRIPT)
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHON": sys.executable, "TESTS": str(HERE), "PYTHONPATH": path, "TOY_WAIT": "0.5"}
    command = ["unshare", "-rn", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", CABLE]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1:] == ["0"], done.stderr + (project / "said").read_text()
    assert len(computed(project)) == len(set(computed(project))) == 32
