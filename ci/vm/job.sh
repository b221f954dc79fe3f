# PID 1 of the guest once its root is there: mounts the rest, runs the job and switches the machine off. What it is to run
# (as its own arguments) and where (PROJECT) stands in /run/vm, where this machine finds the exit code afterwards.
. /run/vm/environment.sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" = output ] && exec >"/dev/${port##*/}" 2>&1
done
echo "guest: Linux $(uname -r), up after $(cut -d' ' -f1 /proc/uptime) s"
ip link set lo up
modprobe -a tun jool jool_siit
cd "$PROJECT"
"$@"
echo $? >/run/vm/exit-code
sync
echo o >/proc/sysrq-trigger
# The kernel switches off some moments later; it would panic without PID 1.
sleep 60
