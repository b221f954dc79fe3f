// Sends an Ethernet frame as it is: send-frame.mjs DEVICE HEX. Node has no socket for it.
import koffi from "koffi";

const [device = "", hex = ""] = process.argv.slice(2);
const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const nameToIndex = libc.func("uint if_nametoindex(str name)");
const sendto = libc.func(
  "int64_t sendto(int fd, uint8_t *octets, size_t length, int flags, uint8_t *to, uint toLength)",
);
const packetFamily = 17;
const raw = 3;
const frame = Uint8Array.from(Buffer.from(hex, "hex"));
// struct sockaddr_ll: family, protocol, ifindex (host order), hardware type, packet type, length of the address, address.
const to = new Uint8Array(20);
const view = new DataView(to.buffer);
view.setUint16(0, packetFamily, true);
view.setInt32(4, nameToIndex(device), true);
if (Number(sendto(socket(packetFamily, raw, 0), frame, frame.length, 0, to, to.length)) !== frame.length) {
  throw new Error(`Cannot send a frame on ${device}`);
}
