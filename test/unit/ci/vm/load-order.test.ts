// The order in which the guest loads its first modules.

import { describe, expect, it } from "vitest";
import { loadOrder } from "../../../../ci/vm/load-order.mjs";

const dependencies = `kernel/net/9p/9pnet.ko:
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko
kernel/drivers/virtio/virtio_ring.ko:
kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko
`;

describe("loadOrder()", () => {
  it("puts each module after what it needs, and none twice", () => {
    expect(loadOrder(dependencies, ["9pnet_virtio", "9p"])).toEqual([
      "kernel/drivers/virtio/virtio_ring.ko",
      "kernel/drivers/virtio/virtio.ko",
      "kernel/net/9p/9pnet.ko",
      "kernel/net/9p/9pnet_virtio.ko",
      "kernel/fs/9p/9p.ko",
    ]);
  });

  it("does not take a module for another whose name it ends with", () => {
    expect(() => loadOrder(dependencies, ["net"])).toThrow('Cannot load the module "net"');
  });
});
