// deviceTraffic(): what came out of a device, by family, from the texts of /proc/net.

import { describe, expect, it } from "vitest";
import { deviceTraffic } from "../../../src/os/traffic.js";

const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  clat2:  999999     999    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  clat:    1380      10    0    0    0     0          0         0     1572      12    0    0    0     0       0          0
`;
const snmp6 = `ifIndex                         	3
Ip6InReceives                   	5
Ip6InHdrErrors                  	0
Ip6OutRequests                  	2
Ip6InOctets                     	740
Ip6OutOctets                    	932
`;

describe("deviceTraffic()", () => {
  it("tells IPv6 by its own counters, and IPv4 by what is left: five pings and their answers", () => {
    expect(deviceTraffic({ name: "clat", dev, snmp6, header: 0 })).toEqual({
      v6: { packets: 5, octets: 740 },
      v4: { packets: 5, octets: 640 },
    });
  });

  it("leaves link headers out", () => {
    const framed = dev.replace("1380", "1520");
    expect(deviceTraffic({ name: "clat", dev: framed, snmp6, header: 14 })).toEqual(
      deviceTraffic({ name: "clat", dev, snmp6, header: 0 }),
    );
  });

  it("never falls below nothing where IPv6's are read a moment later", () => {
    const later = snmp6.replace("\t5\n", "\t11\n").replace("740", "1500");
    expect(deviceTraffic({ name: "clat", dev, snmp6: later, header: 0 })?.v4).toEqual({ packets: 0, octets: 0 });
  });

  it("tells nothing of a device that is not there, or whose IPv6 is not", () => {
    expect(deviceTraffic({ name: "cla", dev, snmp6, header: 0 })).toBeUndefined();
    expect(deviceTraffic({ name: "clat", dev, snmp6: "", header: 0 })).toBeUndefined();
  });
});
