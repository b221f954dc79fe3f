// What `npm run bench -- --help` says. The times are estimates for all subjects on both kinds of links.

import { totalSeconds } from "./estimate.js";
import { linkKinds } from "./links.js";
import { partNames, partWords } from "./parts.js";
import { type ProfileName, profileNames, profiles } from "./profiles.js";
import { durationText } from "./remaining.js";
import { subjects } from "./subjects.js";

const purposes: Readonly<Record<ProfileName, string>> = {
  ci: "for smoke",
  quick: "the default",
  rfc8219: "as long and as often as the RFC says",
};

const names = subjects.map(({ name }) => name);

function profileLine(name: ProfileName): string {
  const seconds = totalSeconds({ profile: profiles[name], links: linkKinds, subjects: names, parts: partNames });
  return `${name} (${purposes[name]}; some ${durationText(seconds)})`;
}

export const usage = (): string => `npm run bench -- [options]
  --profile NAME       ${profileNames.map(profileLine).join(", ")}
  --plan               what would be measured, and how long that takes; nothing is measured
  --parts LIST         ${partNames.map((name) => `${name} (${partWords[name]})`).join(", ")}; default: all
  --links LIST         ${linkKinds.join(", ")}; default: both
  --subjects LIST      of ${names.join(", ")}; default: all
  --measures REGEXP    activities whose names match: "TCP up", "64 octets", "round trips"
  --rounds N           instead of the profile's
  --scale N            trials that many times as long: 0.01 shows what a profile does, with figures that mean little
  --keep FILE          figures are kept there as they come; a run with the same profile goes on with what it finds
  --out FILE           the report as Markdown
  -j, --json           JSON instead of Markdown on standard output
  --profile-time NAME  where the time of that subject goes, by perf; nothing is measured

One table of a long profile at a time, into one file; the last run finds the rest there and reports all of it:
  npm run bench -- --profile rfc8219 --keep rfc8219.jsonl --parts links --links veth --measures "UDP up, 64 octets"
  npm run bench -- --profile rfc8219 --keep rfc8219.jsonl --out rfc8219.md
`;
