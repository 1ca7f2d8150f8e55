import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml';
import type { Wish } from '../app/app.ts';
import { fieldOf } from '../app/changes.ts';
import { parseFlow } from '../app/flows.ts';
import type { IntegrationUser } from '../app/integrationUser.ts';
import { nearest } from '../app/nearest.ts';
import { isProblem, quotable } from '../app/problem.ts';
import { parseScope } from '../app/scopes.ts';
import type { AppInFile, FileContent, FileProblem, Place } from './ecaFile.ts';
import { APP_SHAPE, misplaced, type Kind, type Shape } from './shape.ts';
import { isHarmless, syntaxProblem } from './syntax.ts';
import { fillIn } from './variables.ts';

export type Environment = Record<string, string | undefined>;

/** Aliases can make a small file mean a huge one; no honest file has so many values. */
const VALUES_MAX = 200_000;

/** Errors of syntax draw others after them: the first few are enough. */
const SYNTAX_ERRORS_MAX = 10;

/**
 * Reads the text of one eca.yaml. Whatever is wrong with it is reported, all at once; nothing is thrown.
 *
 * @param file its name, for places
 * @param environment where `${NAME}` takes its value from
 */
export const parseEcaFile = (text: string, file: string, environment: Environment): FileContent => {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [document, second] = documents;
  if (!document || ('empty' in documents && documents.empty))
    return nothing({ ...place(0), code: 'file.empty', values: [] });

  const complaints = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const textLines = text.split('\n');
  const inWords = (error: YAMLError): FileProblem => {
    const at = place(error.pos[0]);
    return { ...at, ...syntaxProblem(error, textLines[at.line - 1] ?? '') };
  };
  const fatal = complaints.filter((error) => !isHarmless(error));
  if (fatal.length > 0) {
    const first = firstOfEachLine(fatal, (error) => place(error.pos[0]).line);
    return nothing(...first.slice(0, SYNTAX_ERRORS_MAX).map(inWords));
  }
  if (second) {
    const start = second.contents?.range?.[0] ?? second.range[0];
    return nothing({ ...place(start), code: 'file.severalDocuments', values: [] });
  }
  const content = new Reader(document, text, place, environment).read();
  return { apps: content.apps, problems: [...complaints.map(inWords), ...content.problems] };
};

const nothing = (...problems: FileProblem[]): FileContent => ({ apps: [], problems });

const firstOfEachLine = (errors: YAMLError[], lineOf: (error: YAMLError) => number): YAMLError[] => {
  const byLine = new Map<number, YAMLError>();
  for (const error of errors) if (!byLine.has(lineOf(error))) byLine.set(lineOf(error), error);
  return [...byLine.values()];
};

type Found = { [key: string]: unknown };

/** Reads one document: gathers values and problems on its way down. */
class Reader {
  readonly #document: Document.Parsed;
  readonly #text: string;
  readonly #place: (offset: number) => Place;
  readonly #environment: Environment;
  readonly #problems: FileProblem[] = [];
  /** The nodes around the one that is being read: an alias to one of them would go round in circles. */
  readonly #around = new Set<Node>();
  #values = 0;

  public constructor(
    document: Document.Parsed,
    text: string,
    place: (offset: number) => Place,
    environment: Environment,
  ) {
    this.#document = document;
    this.#text = text;
    this.#place = place;
    this.#environment = environment;
  }

  public read(): FileContent {
    const apps = this.#readFile(this.#document.contents);
    return { apps, problems: this.#problems };
  }

  #problem(node: Node | null | undefined, code: string, ...values: string[]): undefined {
    this.#problemAt(node?.range?.[0] ?? 0, code, ...values);
  }

  #problemAt(offset: number, code: string, ...values: string[]): void {
    this.#problems.push({ ...this.#place(offset), code, values });
  }

  #readFile(root: Node | null): AppInFile[] {
    if (root === null || (isScalar(root) && root.value === null)) {
      this.#problem(root, 'file.empty');
      return [];
    }
    if (!isMap(root)) {
      this.#problem(root, isSeq(root) ? 'file.listAtTop' : 'file.noGroupAtTop');
      return [];
    }
    for (const { key } of root.items) {
      const name = keyName(key as Node);
      if (name === 'apps') continue;
      const appKey = Object.hasOwn(APP_SHAPE, name);
      if (appKey) this.#problem(key as Node, 'file.appKeyAtTop', quotable(name));
      else this.#problem(key as Node, 'file.keyAtTop', quotable(name));
    }
    const apps = root.items.find(({ key }) => keyName(key as Node) === 'apps');
    if (!apps) {
      if (this.#problems.length === 0) this.#problem(root, 'file.appsMissing');
      return [];
    }
    return this.#readApps(apps);
  }

  #readApps({ key, value }: Pair): AppInFile[] {
    const list = this.#resolve(value as Node | null);
    if (list === undefined) return [];
    if (isEmpty(list)) {
      this.#problem(key as Node, 'file.appsEmpty');
      return [];
    }
    if (!isSeq(list)) {
      this.#problem(list, 'file.appsNoList');
      return [];
    }
    this.#around.add(list);
    return list.items.flatMap((item) => this.#readApp(item as Node) ?? []);
  }

  #readApp(item: Node): AppInFile | undefined {
    const offsets = new Map<string, number>();
    const start = item.range?.[0] ?? 0;
    const found = this.#readGroup(item, APP_SHAPE, '', offsets);
    if (!found) return undefined;
    const { absent, integrationUser, ...said } = found;
    if (!('name' in said)) {
      // A name that is there and no text has been complained of already.
      if (!offsets.has('name')) this.#problemAt(start, 'file.nameMissing');
      return undefined;
    }
    if (String(said.name).trim() === '') this.#problemAt(offsets.get('name') ?? start, 'file.nameEmpty');
    const wish = this.#inOwnWords(said as Wish, offsets);
    return {
      wish,
      absent: absent === true,
      ...this.#readIntegrationUser(integrationUser, offsets),
      at: (field = 'name', item) => this.#place(offsetOfItem(wish, field, item, offsets) ?? start),
    };
  }

  #readIntegrationUser(said: unknown, offsets: Map<string, number>): Pick<AppInFile, 'integrationUser'> {
    if (said === undefined) return {};
    const integrationUser = said as IntegrationUser;
    const isNamed = integrationUser.username !== undefined || offsets.has('integrationUser.username');
    if (!isNamed)
      this.#problemAt(offsets.get('integrationUser') ?? 0, 'file.keyMissing', 'username', 'integrationUser');
    return { integrationUser };
  }

  /** Flows and scopes in the app's own words. A scope that is unknown here may be one that the app has: that is judged later. */
  #inOwnWords(wish: Wish, offsets: Map<string, number>): Wish {
    const flows = wish.oauth?.flows?.flatMap((text, index) => {
      const flow = parseFlow(text);
      if (!isProblem(flow)) return [flow];
      this.#problemAt(offsets.get(`oauth.flows[${index}]`) ?? 0, flow.code, ...flow.values);
      return [];
    });
    const scopes = wish.scopes?.map((text) => {
      const scope = parseScope(text);
      return isProblem(scope) ? text : scope;
    });
    return {
      ...wish,
      ...(flows && { oauth: { ...wish.oauth, flows } }),
      ...(scopes && { scopes }),
    };
  }

  /** Follows an alias to what it stands for. Undefined, with a problem, where that leads nowhere or round in circles. */
  #resolve(node: Node | null): Node | null | undefined {
    if (++this.#values === VALUES_MAX) this.#problem(node, 'file.tooManyValues', String(VALUES_MAX));
    if (this.#values >= VALUES_MAX) return undefined;
    if (!isAlias(node)) return node;
    const target = node.resolve(this.#document);
    if (!target) return this.#problem(node, 'file.aliasUnknown', quotable(node.source));
    if (this.#around.has(target)) return this.#problem(node, 'file.aliasCircle', quotable(node.source));
    return target;
  }

  #readGroup(
    written: Node | null,
    shape: Shape,
    path: string,
    offsets: Map<string, number>,
    needs: string[] = [],
  ): Found | undefined {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    if (!isMap(node)) {
      if (path === '') return this.#problem(node ?? written, 'file.noApp');
      return this.#problem(node ?? written, isEmpty(node) ? 'file.groupEmpty' : 'file.noGroup', plainPath(path));
    }
    this.#around.add(node);
    const found: Found = {};
    for (const { key, value } of node.items as Array<Pair<Node, Node | null>>) {
      const name = keyName(key);
      const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (kind === undefined) {
        const { code, values } = misplaced(name, plainPath(path), nearest(name, Object.keys(shape)));
        this.#problem(key, code, quotable(name), ...values);
        continue;
      }
      const field = path === '' ? name : `${path}.${name}`;
      offsets.set(field, isEmpty(value) ? (key.range?.[0] ?? 0) : (value?.range?.[0] ?? 0));
      const read = this.#readValue(value, key, kind, field, offsets);
      if (read !== undefined) found[name] = read;
    }
    this.#around.delete(node);
    const said = node.items.map(({ key }) => keyName(key as Node));
    for (const need of needs.filter((one) => !said.includes(one))) {
      this.#problem(node, 'file.keyMissing', need, plainPath(path));
    }
    return found;
  }

  #readValue(written: Node | null, key: Node, kind: Kind, field: string, offsets: Map<string, number>): unknown {
    if (isEmpty(written)) return this.#problem(key, emptyCode(kind), plainPath(field));
    if (kind === 'text' || kind === 'yesNo' || kind === 'number') return this.#readScalar(written, kind, field);
    if (kind === 'texts') return this.#readTexts(written, field, offsets);
    if ('group' in kind) return this.#readGroup(written, kind.group, field, offsets);
    return this.#readItems(written, field, (item, path) => this.#readGroup(item, kind.each, path, offsets, kind.needs));
  }

  #readTexts(written: Node | null, field: string, offsets: Map<string, number>): unknown[] | undefined {
    return this.#readItems(written, field, (item, path) => {
      offsets.set(path, item?.range?.[0] ?? 0);
      return isEmpty(item)
        ? this.#problem(item, 'file.itemEmpty', plainPath(field))
        : this.#readScalar(item, 'text', field);
    });
  }

  #readItems(
    written: Node | null,
    field: string,
    readItem: (item: Node | null, path: string) => unknown,
  ): unknown[] | undefined {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    if (!isSeq(node)) {
      const example = isScalar(node)
        ? String(node.value)
            .split(/\s*,\s*/)
            .join(', ')
        : '...';
      return this.#problem(node, 'file.noList', plainPath(field), quotable(example));
    }
    this.#around.add(node);
    const items = node.items
      .map((item, index) => readItem(item as Node | null, `${field}[${index}]`))
      .filter((item) => item !== undefined);
    this.#around.delete(node);
    return items;
  }

  #readScalar(written: Node | null, kind: 'text' | 'yesNo' | 'number', field: string): unknown {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    const name = plainPath(field);
    if (!isScalar(node)) return this.#problem(node, NOT_A[kind], name, isSeq(node) ? 'a list' : 'a group of keys');
    const { value, source = '' } = node;
    const filled = typeof value === 'string' ? this.#fillIn(value, node) : { text: source, used: false };
    if (filled === undefined) return undefined;
    if (kind === 'text') {
      // 00491234 is a number to YAML and a telephone number to people: as it was written, it is a text.
      if (typeof value === 'string' || typeof value === 'number') return filled.text;
      return this.#problem(node, 'file.notText', name, `${source}, which YAML takes for a ${String(typeof value)}`);
    }
    const plain = filled.used ? wordOf(filled.text) : value;
    if (kind === 'yesNo') {
      return typeof plain === 'boolean' ? plain : this.#problem(node, 'file.notYesNo', name, quotable(source));
    }
    return typeof plain === 'number' && Number.isFinite(plain)
      ? plain
      : this.#problem(node, 'file.notNumber', name, quotable(source));
  }

  /** The text with its variables; undefined, with a problem for each that is missing. */
  #fillIn(text: string, node: Node): { text: string; used: boolean } | undefined {
    const filled = fillIn(text, this.#environment);
    const [start, end] = node.range ?? [0, 0];
    for (const { reference, name } of filled.missing) {
      const at = this.#text.indexOf(reference, start);
      const offset = at >= 0 && at < end ? at : start;
      if (name === undefined) this.#problemAt(offset, 'file.variableUnclear');
      else this.#problemAt(offset, 'file.variableMissing', name);
    }
    return filled.missing.length > 0 ? undefined : filled;
  }
}

const NOT_A = { text: 'file.notText', yesNo: 'file.notYesNo', number: 'file.notNumber' };

const emptyCode = (kind: Kind): string => {
  if (kind === 'text') return 'file.textEmpty';
  if (kind === 'texts' || (typeof kind === 'object' && 'each' in kind)) return 'file.listEmpty';
  return kind === 'yesNo' || kind === 'number' ? 'file.valueEmpty' : 'file.groupEmpty';
};

/** What a variable's text says where a yes or no, or a number, belongs. */
const wordOf = (text: string): unknown => {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : text;
};

const isEmpty = (node: Node | null | undefined): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

const keyName = (key: Node | null): string => (isScalar(key) ? String(key.value) : String(key));

/** The path of a field without the numbers of list items. */
const plainPath = (path: string): string => path.replace(/\[\d+\]/g, '');

/** Where one of a list's texts is said, or else the field. */
const offsetOfItem = (
  wish: Wish,
  field: string,
  item: string | undefined,
  offsets: Map<string, number>,
): number | undefined => {
  const list = fieldOf(wish, field);
  const index = Array.isArray(list) ? list.indexOf(item) : -1;
  return offsets.get(`${field}[${index}]`) ?? offsetOf(field, offsets);
};

/** Where a field is said, or else the group that it belongs to. */
const offsetOf = (field: string, offsets: Map<string, number>): number | undefined => {
  for (let path = field; path !== ''; path = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '') {
    const offset = offsets.get(path);
    if (offset !== undefined) return offset;
  }
  return offsets.get('name');
};
