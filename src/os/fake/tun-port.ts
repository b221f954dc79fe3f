// A TUN without a device: packets in memory between the model's network and whoever would have opened /dev/net/tun.

/** The end of the program that opened the device. */
export interface TunPort {
  /** Takes the packets that the host routes into the device. One reader. */
  read(reader: (packet: Uint8Array, family: 4 | 6) => void): void;
  /** A packet comes out of the device into the host. */
  write(packet: Uint8Array, family: 4 | 6): void;
}

/** The end of the host. */
export interface TunHostEnd {
  /** A packet goes into the device; dropped where nobody reads. */
  send(packet: Uint8Array, family: 4 | 6): void;
  receive(receiver: (packet: Uint8Array, family: 4 | 6) => void): void;
}

type Take = (packet: Uint8Array, family: 4 | 6) => void;

export function newTun(): { readonly port: TunPort; readonly host: TunHostEnd } {
  let reader: Take | undefined;
  let receiver: Take | undefined;
  return {
    port: {
      read: (take) => {
        reader = take;
      },
      write: (packet, family) => receiver?.(packet, family),
    },
    host: {
      send: (packet, family) => reader?.(packet, family),
      receive: (take) => {
        receiver = take;
      },
    },
  };
}
