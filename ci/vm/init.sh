#!/bin/sh
# PID 1 of the guest, in the initramfs: mounts this machine's root read-only, with what the guest has besides laid over it
# and memory on top to write to, and goes on there. The host's files are seen by 9p, so no image has to be made.
b=/bin/busybox
fail() {
  echo "cannot start the guest: $1"
  exec $b poweroff -f
}
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do
  $b insmod "/modules/$module" || fail "no module $module"
done
over9p() { $b mount -t 9p -o "$3,trans=virtio,version=9p2000.L,msize=512000" "$1" "$2" || fail "no $1"; }
over9p host /host ro,cache=loose
over9p extra /extra ro,cache=loose
over9p job /job rw,cache=none
$b mount -t tmpfs -o mode=0755 memory /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/job/tree:/extra:/host,upperdir=/memory/upper,workdir=/memory/work overlay /root ||
  fail "no overlay"
$b mount -t tmpfs -o mode=0755 run /root/run
$b mkdir /root/run/vm
$b mount --move /job /root/run/vm
$b mount --move /dev /root/dev
$b mount --move /proc /root/proc
# The kernel's own calls of modprobe follow to the new root.
exec $b switch_root /root /bin/sh /run/vm/job.sh
