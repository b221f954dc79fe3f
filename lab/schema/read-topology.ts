// A topology file's text to a topology, or to everything that is wrong with it, with line numbers.

import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Pair, parseDocument, visit } from "yaml";
import type { Topology } from "../topology.js";
import { allowedKeys } from "./allowed-keys.js";
import { canonicalize } from "./canonical.js";
import { type FileInput, fileSchema, nodeSchema } from "./file-schema.js";
import { type LocatedMistake, type Mistake, type Path, TopologyError } from "./mistake.js";
import { mistakesOfIssues, valueAt } from "./zod-issues.js";

/** Throws a TopologyError that lists every mistake. `file` is only for its words. */
export function readTopology(file: string, text: string): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const errors = [
    ...document.errors.map(({ pos, message }) => ({ at: pos[0], why: message })),
    ...lostAliases(document),
  ];
  if (errors.length > 0) throw new TopologyError(file, brokenYaml(errors, place));
  const input: unknown = document.toJS();
  const shaped = fileSchema.safeParse(input);
  const broken = shaped.success ? [] : mistakesOfIssues(shaped.error.issues, input, (path) => allowedKeys(input, path));
  const salvaged = shaped.success ? { input: shaped.data, original: (path: Path) => path } : salvage(input, broken);
  const found = salvaged === undefined ? undefined : canonicalize(salvaged.input);
  // That a node has no links, or lacks something, may come from what was left out: a consequence, not a mistake.
  const consequent = ({ path }: Mistake): boolean => broken.length > 0 && path[0] === "nodes" && path.length <= 2;
  const mistakes = [
    ...broken,
    ...(found?.mistakes ?? [])
      .filter((mistake) => !consequent(mistake))
      .map(({ path, ...rest }) => ({ ...rest, path: salvaged?.original(path) ?? path })),
  ];
  if (mistakes.length > 0 || found === undefined) {
    const located = mistakes.map((mistake) => ({ ...place(offsetOf(document, mistake)), text: mistake.text }));
    throw new TopologyError(file, located.sort(byPlace));
  }
  return found.topology;
}

interface YamlError {
  /** Offset in the file. */
  readonly at: number;
  readonly why: string;
}

/** How many errors of the YAML itself are told: those after the first come mostly of it. */
const FIRST_ERRORS = 5;
const LONGEST_ERROR = 120;

function brokenYaml(
  errors: readonly YamlError[],
  place: (offset: number) => { line: number; column: number },
): LocatedMistake[] {
  const [told, more] = [errors.slice(0, FIRST_ERRORS), errors.slice(FIRST_ERRORS)];
  const located = told.map(({ at, why }) => {
    const words = why.length <= LONGEST_ERROR ? why : `${why.slice(0, LONGEST_ERROR)}…`;
    return { ...place(at), text: `Cannot read YAML: ${words}` };
  });
  const [next] = more;
  if (next === undefined) return located;
  return [...located, { ...place(next.at), text: `Cannot read YAML: ${more.length} more from here on` }];
}

/** Aliases that stand for nothing, or for what they stand in, which would have no end. */
function lostAliases(document: Document): YamlError[] {
  const lost: YamlError[] = [];
  visit(document, {
    Alias(_key, alias, above) {
      const at = alias.range?.[0] ?? 0;
      const meant = alias.resolve(document);
      if (meant === undefined)
        lost.push({ at, why: `there is no anchor "&${alias.source}" before "*${alias.source}"` });
      else if (above.includes(meant)) lost.push({ at, why: `"*${alias.source}" stands in what it stands for` });
    },
  });
  return lost;
}

interface Salvaged {
  readonly input: FileInput;
  /** From a path in the salvaged file to the one in the file as it is. */
  readonly original: (path: Path) => Path;
}

/** The file without what has a wrong shape: so that the rest of it is looked at as well. */
function salvage(input: unknown, broken: readonly Mistake[]): Salvaged | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const { nodes, ...lists } = structuredClone(input) as Record<string, unknown>;
  if (typeof nodes !== "object" || nodes === null) return undefined;
  const wrong = new Set(broken.map(({ path }) => path.slice(0, 2).join("\n")));
  const kept = (part: string): { readonly index: number; readonly item: unknown }[] => {
    const list = lists[part];
    const items: unknown[] = Array.isArray(list) ? list : [];
    return items.map((item, index) => ({ item, index })).filter(({ index }) => !wrong.has(`${part}\n${index}`));
  };
  const parts: Readonly<Record<string, ReturnType<typeof kept>>> = { links: kept("links"), checks: kept("checks") };
  for (const { path } of broken) if (path[0] === "nodes" && path.length > 2) remove({ nodes }, path);
  // A node that is still wrong keeps its name: links and checks refer to it.
  const named = Object.entries(nodes).map(([name, node]) => [
    name,
    nodeSchema.safeParse(node).success ? node : { kind: "router" },
  ]);
  const rest = fileSchema.safeParse({
    name: "salvaged",
    title: "salvaged",
    nodes: Object.fromEntries(named),
    links: parts["links"]?.map(({ item }) => item),
    checks: parts["checks"]?.map(({ item }) => item),
  });
  const original = ([part = "", index = "", ...inner]: Path): Path => {
    const item = typeof index === "number" ? parts[part]?.[index] : undefined;
    return [part, item?.index ?? index, ...inner];
  };
  return rest.success ? { input: rest.data, original } : undefined;
}

/** An element of a list becomes a hole, so that the others keep their places. */
function remove(top: object, path: Path): void {
  const parent = valueAt(top, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent === "object" && parent !== null && key !== undefined) Reflect.deleteProperty(parent, key);
}

const byPlace = (a: LocatedMistake, b: LocatedMistake): number => a.line - b.line || a.column - b.column;

/** The nearest place that exists: of the key where the mistake is in it, else of the value. */
function offsetOf(document: Document, mistake: Mistake): number {
  for (let depth = mistake.path.length; depth > 0; depth--) {
    const path: Path = mistake.path.slice(0, depth);
    const pair = pairAt(document, path);
    if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    const node = document.getIn(path, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(document.contents) && document.contents.range ? document.contents.range[0] : 0;
}

function pairAt(document: Document, path: Path): Pair | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  return parent.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
  );
}
