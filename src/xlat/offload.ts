// What a virtio header asks for (checksum, segmentation), checked against the packet that it came with, so that the
// stages behind can trust it.

import { PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/protocols.js";
import { type Frame, GSO_ECN, GSO_NONE, GSO_UDP_L4 } from "./frame.js";
import { completeChecksum, segmentHeader, transportChecksum } from "./transport.js";

/**
 * Whether the offloads of the frame make sense for a transport header of `protocol` at `upper`; `tcpGso` is the number
 * that TCP super-packets of this family have. A partial checksum of any other place than the usual is completed here.
 */
export function settleOffload(
  frame: Frame,
  upper: number,
  protocol: number,
  isFragment: boolean,
  tcpGso: number,
): boolean {
  if (frame.checksumStart < 0) return frame.gsoType === GSO_NONE;
  const usual =
    !isFragment &&
    frame.start + frame.checksumStart === upper &&
    frame.checksumOffset === transportChecksum(protocol) &&
    upper + frame.checksumOffset + 2 <= frame.end;
  if (frame.gsoType !== GSO_NONE) {
    const type = frame.gsoType & ~GSO_ECN;
    return (
      usual &&
      frame.gsoSize > 0 &&
      ((type === tcpGso && protocol === PROTOCOL_TCP) || (type === GSO_UDP_L4 && protocol === PROTOCOL_UDP)) &&
      upper + segmentHeader(frame.bytes, upper, protocol) <= frame.end
    );
  }
  if (usual) return true;
  const field = frame.start + frame.checksumStart + frame.checksumOffset;
  if (frame.checksumOffset < 0 || frame.start + frame.checksumStart < upper || field + 2 > frame.end) return false;
  completeChecksum(frame);
  return true;
}
