// Completion for bash. It needs nothing of the package bash-completion but to be found by it, and takes the words from the
// line itself: `=` ends a word for bash, so COMP_WORDS has `engine`, `=` and the value apart.

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** @param {readonly string[]} words */
const wordList = (words) => quoted(words.join(" "));

/** @param {import("./completion-words.mjs").Program} program */
export function bashCompletion(program) {
  const { name, commands, options, settings, topologies } = program;
  const general = options.filter((option) => option.commands === undefined).flatMap((option) => option.names);
  const taking = options.filter(({ takes }) => takes.length > 0);
  return `# bash completion for ${name}. Written by ci/manual from the tables of the program.

_${name}() {
  local line=\${COMP_LINE:0:COMP_POINT} word= command= each
  local -a words=() operands=()
  local -i skip=0
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] || { word=\${words[-1]}; unset 'words[-1]'; }
  for each in "\${words[@]:1}"; do
    if ((skip > 0)); then
      skip+=-1
      continue
    fi
    case $each in
${taking.map(({ names, takes }) => `    ${names.join(" | ")}) skip=${takes.length} ;;`).join("\n")}${taking.length > 0 ? "\n" : ""}    -*) ;;
${settings.length > 0 ? "    *=*) ;;\n" : ""}    *) if [[ -z $command ]]; then command=$each; else operands+=("$each"); fi ;;
    esac
  done
  COMPREPLY=()
  if ((skip > 0)); then
    _${name}_files "$word"
    return
  fi
  case $word in
  -*)
    local options=${wordList(general)}
    case $command in
${commands
  .flatMap((command) => {
    const own = options.filter((option) => option.commands?.includes(command.name)).flatMap((option) => option.names);
    return own.length === 0 ? [] : [`    ${command.name}) options+=${quoted(` ${own.join(" ")}`)} ;;`];
  })
  .join("\n")}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    ;;
${settings.length === 0 ? "" : settingsCase(name, settings)}  *)
    local candidates=
    case $command in
    '') candidates=${wordList(commands.map((command) => command.name))} ;;
${commands
  .filter(({ operands }) => operands.length > 0)
  .map((command) => operandCase(program, command))
  .join("\n")}
    esac
${settings.length === 0 ? "" : `    candidates+=${quoted(` ${settings.map((setting) => `${setting.name}=`).join(" ")}`)}\n`}    COMPREPLY+=($(compgen -W "$candidates" -- "$word"))
    [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    ;;
  esac
}

# File names for what is typed after $2, which stays as it is.
_${name}_files() {
  compopt -o filenames 2>/dev/null
  local file
  while IFS= read -r file; do COMPREPLY+=("\${2-}$file"); done < <(compgen -f -- "$1")
}
${topologies.length === 0 ? "" : nodesFunction(name, topologies)}
complete -F _${name} ${name}
`;
}

/** @param {string} name @param {readonly import("./completion-words.mjs").Setting[]} settings */
function settingsCase(name, settings) {
  const rows = settings.flatMap(({ name: key, value }) => {
    if (value === undefined) return [];
    if (value.from === "files") return [`    ${key}) _${name}_files "$value" "$before" ;;`];
    const words = value.from === "words" ? wordList(value.words) : '"$(ls /sys/class/net 2>/dev/null)"';
    return [`    ${key}) COMPREPLY=($(compgen -P "$before" -W ${words} -- "$value")) ;;`];
  });
  return `  *=*)
    local key=\${word%%=*} value=\${word#*=} before=
    [[ $COMP_WORDBREAKS == *=* ]] || before="$key="
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
    if (operand.from === "words") return `    *) candidates=${wordList(operand.words)} ;;`;
    if (operand.from === "devices") return `    ${index}) candidates=$(ls /sys/class/net 2>/dev/null) ;;`;
    if (operand.from === "topologies")
      return `    ${index}) candidates=${wordList(topologies.map((topology) => topology.name))}; _${name}_files "$word" ;;`;
    if (operand.from === "nodes") return `    ${index}) candidates=$(_${name}_nodes "\${operands[0]}") ;;`;
    if (operand.from === "programs")
      return `    ${index}) COMPREPLY=($(compgen -c -- "$word")) ;;\n    *) _${name}_files "$word" ;;`;
    return `    ${index}) _${name}_files "$word" ;;`;
  });
  return `    ${command.name}) case \${#operands[@]} in\n${rows.join("\n")}\n    esac ;;`;
}

/** @param {string} name @param {import("./completion-words.mjs").Program["topologies"]} topologies */
function nodesFunction(name, topologies) {
  return `
# The nodes of a topology that is shipped.
_${name}_nodes() {
  case $1 in
${topologies.map((topology) => `  ${topology.name}) echo ${wordList(topology.nodes)} ;;`).join("\n")}
  esac
}
`;
}
