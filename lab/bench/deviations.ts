// Where this benchmark is not what RFC 8219 describes (nor RFC 2544, which it builds on): said in every report, since a figure
// without it would claim more than was done.

import type { Profile } from "./profiles.js";

export interface Deviation {
  readonly section: string;
  readonly asked: string;
  readonly here: string;
}

export function deviationsOf(profile: Profile): Deviation[] {
  const { search, rounds, throughputs = rounds, sizes } = profile;
  const decisive = search.final === 0 ? search.trial : search.final;
  return [
    {
      section: "§4",
      asked: "a tester of its own beside the device under test; dynamic routing",
      here: "client, server, router and translator are namespaces of one machine and share its processors, so that the sender's own work hides a part of what translation costs; routes are static",
    },
    {
      section: "§4.1",
      asked: "packets come from the tester, pass the device under test and go back to the tester",
      here: "the CLAT runs on the client's own host, as CLATs do: packets begin and end in sockets there, and no IPv4 link stands before it",
    },
    {
      section: "§4.2",
      asked: "two devices under test in a row for double translation",
      here: "only in the full chain and in SIIT-DC, measured apart; the comparison is of the CLAT alone",
    },
    {
      section: "§5.1.1",
      asked: "frames of 64, 128, 256, 512, 768, 1024, 1280, 1518, 1522, 2048, 4096, 8192 and 9216 octets",
      here: `UDP payloads of ${sizes.join(", ")} octets (an IPv6 frame has 66 more, an IPv4 one 46); none beyond an MTU of 1500`,
    },
    {
      section: "§5.2, RFC 2544 §12",
      asked: "addresses of 198.18.0.0/15 and 2001:2::/48, and many of them",
      here: "documentation addresses, one flow",
    },
    {
      section: "§5.3",
      asked: "traffic in both directions at once; mixes of 10, 50 and 90 % with native IPv6",
      here: "one direction at a time, translated traffic only",
    },
    {
      section: "§5.3",
      asked: "UDP",
      here: "UDP, and TCP by iperf3 as well, for the sake of segmentation offloads; trains of datagrams for the same reason",
    },
    {
      section: "§7.1, RFC 2544 §24",
      asked: "trials of at least 60 s decide",
      here:
        search.final >= 60
          ? `trials of ${search.final} s decide, after shorter ones: ${search.trial} s while searching`
          : `trials of ${decisive} s decide`,
    },
    {
      section: "§7.1, RFC 2544 §26.1",
      asked: "one lost frame fails a trial, and frames carry identifiers",
      here: `one lost datagram fails a trial${search.retries > 0 ? `, which is then tried ${search.retries === 1 ? "once" : `${search.retries} times`} more` : ""}; they are counted, not told apart; the search ends within ${search.resolution * 100} %`,
    },
    {
      section: "§7.1, RFC 2544 §21",
      asked: "a steady stream",
      here: "bursts of up to 64 datagrams, about 10,000 a second",
    },
    {
      section: "§7.2",
      asked: "one-way latency of 500 tagged frames in a stream of 120 s at the throughput's rate, 20 times",
      here: `round trips of ${profile.roundTrips.toLocaleString("en")} datagrams one after the other, without other traffic and on one processor, ${rounds} times; median and 99.9th percentile as there`,
    },
    {
      section: "§7.3",
      asked: "packet delay variation",
      here: "not measured: a round trip's 99.9th percentile must do",
    },
    {
      section: "§7.4, §7.5",
      asked: "frame loss at steps of the rate; back-to-back frames",
      here: "one step: what arrives of a blast as fast as the sender can; back-to-back frames are not measured",
    },
    { section: "§7.6, §7.7", asked: "recovery from overload; reset", here: "not measured" },
    {
      section: "§8",
      asked: "connection capacity and rate of stateful technologies (RFC 3511)",
      here: "the rate only, without a transfer over each connection; a CLAT is stateless",
    },
    { section: "§9", asked: "DNS resolution performance of DNS64", here: "not measured: no DNS64 is part of clatd" },
    {
      section: "§10",
      asked: "degradation with growing numbers of flows",
      here: `TCP with ${profile.streams.join(", ")} streams only`,
    },
    {
      section: "§12",
      asked: "several repetitions, at least 20 where a test says so",
      here: `${rounds} ${rounds === 1 ? "repetition" : "repetitions"}${throughputs < rounds ? `, of the throughput ${throughputs}` : ""}; median, 1st and 99th percentile as there`,
    },
  ];
}

export const deviationLine = ({ section, asked, here }: Deviation): string => `- ${section}: ${asked}. Here: ${here}.`;
