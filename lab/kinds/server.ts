// server: what the IPv4 internet is good for. HTTP and UDP echo are one program of our own, iperf3 is itself.

import type { ServerNode } from "../topology.js";
import { ownService, type Programs, type Service } from "./service.js";

export const HTTP_PORT = 80;
export const ECHO_PORT = 7;
export const IPERF_PORT = 5201;
const FTP_PORT = 21;

/** What our server reads. */
export interface ServerConfiguration {
  readonly http?: number;
  readonly udpEcho?: number;
}

export function serverServices(node: Pick<ServerNode, "name" | "services">, programs: Programs): Service[] {
  const http = node.services.includes("http");
  const udpEcho = node.services.includes("udp-echo");
  const own: Service[] = [];
  if (http || udpEcho) {
    const configuration: ServerConfiguration = {
      ...(http ? { http: HTTP_PORT } : {}),
      ...(udpEcho ? { udpEcho: ECHO_PORT } : {}),
    };
    const { files, start } = ownService(node.name, "server", configuration, programs);
    const what = [http ? "HTTP" : "", udpEcho ? "UDP echo" : ""].filter((part) => part !== "").join(" and ");
    own.push({ name: "server", what, files, effects: [start], needs: [], optional: false });
  }
  if (node.services.includes("ftp")) {
    const { files, start } = ownService(node.name, "ftp", { port: FTP_PORT }, programs);
    own.push({ name: "ftp", what: "FTP on IPv4", files, effects: [start], needs: [], optional: false });
  }
  if (!node.services.includes("iperf3")) return own;
  return [
    ...own,
    {
      name: "iperf3",
      what: "iperf3",
      files: {},
      effects: [
        {
          do: "process.start",
          in: node.name,
          name: `${node.name}/iperf3`,
          command: ["iperf3", "--server", "--forceflush", "--port", `${IPERF_PORT}`],
          ready: "Server listening",
        },
      ],
      needs: ["iperf3"],
      // Without it the checks that use it are skipped.
      optional: true,
    },
  ];
}
