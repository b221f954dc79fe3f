// What is read out of `apt-cache show`.

import { expect, it } from "vitest";
import { readPackages } from "../../../../ci/vm/package-list.mjs";

it("readPackages() reads name, version and the first of each alternative", () => {
  const text = `Package: linux-headers-6.1.0-9-amd64
Source: linux
Version: 6.1.27-1
Depends: linux-headers-6.1.0-9-common (= 6.1.27-1), linux-kbuild-6.1 (>= 6.1.27-1) | other, gcc-12
Description-md5: 0
 a line that continues

Package: kmod
Version: 30+20221128-1
`;
  expect(readPackages(text)).toEqual([
    {
      name: "linux-headers-6.1.0-9-amd64",
      version: "6.1.27-1",
      depends: ["linux-headers-6.1.0-9-common", "linux-kbuild-6.1", "gcc-12"],
    },
    { name: "kmod", version: "30+20221128-1", depends: [] },
  ]);
});

it("readPackages() of nothing is nothing", () => {
  expect(readPackages("")).toEqual([]);
});
