// What clatlab says about itself.

export const HELP = `clatlab: builds networks of namespaces and checks that 464XLAT works in them

  clatlab list                       the topologies, and which of them are up
  clatlab run TOPOLOGY               up, checks, down
  clatlab up TOPOLOGY                bring it up and keep it
  clatlab check TOPOLOGY             run the checks in one that is up
  clatlab exec TOPOLOGY NODE COMMAND run a command in a node of one that is up
  clatlab shell TOPOLOGY NODE        a shell in a node of one that is up
  clatlab down TOPOLOGY              end one that is up
  clatlab graph TOPOLOGY             draw it

TOPOLOGY is a name (see list) or the path of a YAML file.

  -j, --json      one JSON document instead of lines
      --keep      run: keep the lab after the checks until Ctrl-C
      --mermaid   graph: as a Mermaid flowchart
      --schema    list: the JSON schema of topology files
  -h, --help      this text

Exit codes: 0 all passed, 1 a check failed, 2 could not run, 3 only warnings.
CI=true or output that is no terminal: plain lines. NO_COLOR: no colours.
`;
