// Containers as an operator starts them: with the two capabilities and the device that a lab needs, not privileged.

import { GenericContainer, type StartedTestContainer } from "testcontainers";

/** testcontainers knows no devices. */
export class LabContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.withAddedCapabilities("NET_ADMIN", "SYS_ADMIN");
    this.hostConfig.Devices = [
      { PathOnHost: "/dev/net/tun", PathInContainer: "/dev/net/tun", CgroupPermissions: "rwm" },
    ];
  }
}

/** What the command says; a failure is an error with all of it. */
export async function run(container: StartedTestContainer, ...command: string[]): Promise<string> {
  const { exitCode, output } = await container.exec(command, { env: { CI: "true" } });
  if (exitCode !== 0) throw new Error(`"${command.join(" ")}" ended with code ${exitCode}:\n${output}`);
  return output;
}
