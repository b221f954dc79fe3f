// Completion for zsh.

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** `name:what it is` for _describe. @param {string} name @param {string} help */
const described = (name, help) => quoted(`${name.replaceAll(":", "\\:")}:${help}`);

/** @param {readonly string[]} words */
const wordList = (words) => words.map(quoted).join(" ");

/** @param {import("./completion-words.mjs").Program} program */
export function zshCompletion(program) {
  const { name, commands, options, settings, topologies } = program;
  const taking = options.filter(({ takes }) => takes.length > 0);
  return `#compdef ${name}
# zsh completion for ${name}. Written by ci/manual from the tables of the program.

_${name}() {
  local command= each
  local -a candidates operands
  local -i skip=0
  for each in "\${(@)words[2,CURRENT-1]}"; do
    if ((skip > 0)); then
      ((skip -= 1))
      continue
    fi
    case $each in
${taking.map(({ names, takes }) => `    ${names.join("|")}) skip=${takes.length} ;;`).join("\n")}${taking.length > 0 ? "\n" : ""}    -*) ;;
${settings.length > 0 ? "    *=*) ;;\n" : ""}    *) if [[ -z $command ]]; then command=$each; else operands+=("$each"); fi ;;
    esac
  done
  if ((skip > 0)); then
    _files
    return
  fi
  case $PREFIX in
  -*)
    candidates=(${options
      .filter((option) => option.commands === undefined)
      .flatMap(({ names, help }) => names.map((option) => described(option, help)))
      .join(" ")})
    case $command in
${commands
  .flatMap((command) => {
    const own = options.filter((option) => option.commands?.includes(command.name));
    const words = own.flatMap(({ names, help }) => names.map((option) => described(option, help)));
    return words.length === 0 ? [] : [`    ${command.name}) candidates+=(${words.join(" ")}) ;;`];
  })
  .join("\n")}
    esac
    _describe -o option candidates
    ;;
${settings.length === 0 ? "" : settingsCase(settings)}  *)
    case $command in
    '')
      candidates=(${commands.map(({ name: command, help }) => described(command, help)).join(" ")})
      _describe command candidates
      ;;
${commands
  .filter(({ operands }) => operands.length > 0)
  .map((command) => operandCase(program, command))
  .join("\n")}
    esac
${
  settings.length === 0
    ? ""
    : `    candidates=(${settings.map((setting) => described(setting.name, setting.help)).join(" ")})
    _describe setting candidates -S =
`
}    ;;
  esac
}
${topologies.length === 0 ? "" : nodesFunction(name, topologies)}
_${name} "$@"
`;
}

/** @param {readonly import("./completion-words.mjs").Setting[]} settings */
function settingsCase(settings) {
  const rows = settings.flatMap(({ name: key, value }) => {
    if (value === undefined) return [];
    if (value.from === "files") return [`    ${key}) _files ;;`];
    const words = value.from === "words" ? wordList(value.words) : "/sys/class/net/*(N:t)";
    return [`    ${key}) compadd -- ${words} ;;`];
  });
  return `  *=*)
    local key=\${PREFIX%%=*}
    compset -P '*='
    case $key in
${rows.join("\n")}
    esac
    ;;
`;
}

/**
 * @param {import("./completion-words.mjs").Program} program
 * @param {import("./completion-words.mjs").Command} command
 */
function operandCase({ name, topologies }, command) {
  const rows = command.operands.map((operand, index) => {
    if (operand.from === "words") return `    *) compadd -- ${wordList(operand.words)} ;;`;
    if (operand.from === "devices") return `    ${index}) compadd -- /sys/class/net/*(N:t) ;;`;
    if (operand.from === "topologies") {
      const words = topologies.map((topology) => described(topology.name, topology.title)).join(" ");
      return `    ${index}) candidates=(${words}); _describe topology candidates; _files -g '*.y(a|)ml' ;;`;
    }
    if (operand.from === "nodes") return `    ${index}) compadd -- $(_${name}_nodes $operands[1]) ;;`;
    if (operand.from === "programs") return `    ${index}) _command_names -e ;;\n    *) _files ;;`;
    return `    ${index}) _files ;;`;
  });
  return `    ${command.name}) case $#operands in\n${rows.join("\n")}\n    esac ;;`;
}

/** @param {string} name @param {import("./completion-words.mjs").Program["topologies"]} topologies */
function nodesFunction(name, topologies) {
  return `
# The nodes of a topology that is shipped.
_${name}_nodes() {
  case $1 in
${topologies.map((topology) => `  ${topology.name}) print -l ${wordList(topology.nodes)} ;;`).join("\n")}
  esac
}
`;
}
