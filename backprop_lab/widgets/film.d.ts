// What the kernel sends (film/film.py, race.py, told.py; widgets/player.py adds options, run, announce and views),
// and what views, settings and keys consist of: types for `make check` and for editors. The page never loads this file.

/** Where something is seen: `n3` a node, `g5` a folded part, `f5` an open part's frame, `e5_0` an edge, `m…` a line for several edges, `svg` the picture. */
type Key = string;
/** Classes that light up for a step, by key. */
type Lit = Record<Key, string[]>;
/** A float; as text where JSON has no word for it; null for what is no single number. */
type Exact = number | string | null;

/** A number, or those of a small array row by row. */
type Numbers = number | Numbers[];

/** What is told of a step, what it lights, and the numbers that it takes up and makes. Before the first step there is none. */
interface Told { formula: string; say: string; lit: Lit; uses?: Key[]; gives?: Key; sum?: Sum; fill: Fill }
/** Puts a step's numbers into a text with slots. */
type Fill = (text: string) => string;
/** What has reached a node that is used several times: from whom (null for several together), how much, and the sum. */
interface Sum { times: number; pieces: [number | null, string][]; total: string }
interface Frame extends Told {
  phase: string;
  does?: string;
  kind?: string;
  node?: string;
  id?: number; // before the first step there is none
  by?: number;
  both?: [Told, Told];
}
/** What is sent of a frame: frames.js makes the rest of it. `does` says which step it is: `v5`, `s8`, `t5`, `c4_0`, `+4_0`. */
interface SentStep { does?: string; node?: string; formula?: string; say: string; sum?: Sum }
type SentFrame = Partial<SentStep> & { both?: (SentStep | null)[] };
/** A node: also the function and the line that compute it, and the parts of lines that are its expression: a line, from which letter, to which. */
interface Row { node: number; name: string; is: string; line?: [number, number]; part?: [number, number, number][]; hidden?: boolean }
interface Edge { id: Key; from: number; to: number; formula: string; partial: Exact; rule?: string; words?: string; role?: string; chain?: string }
interface Question {
  key: Key; near: number; wants: "number" | "array" | "shape"; right: any; asks: string; help: string;
  wrong: [any, string, string][]; shape?: number[]; shapes?: [number[], string, string][]; fits?: string;
  then?: Question; // the next one of the same step
  moves?: string | any[]; // of a tape, the tangent without which there is nothing to ask
}
interface HeatMap {
  rows: number; columns: number; texts: string[]; says: string; vector: boolean; few?: boolean; keys?: number[];
  lines?: string[]; means?: string;
  table?: [string, string[], string[]]; // an outer product: which factor is an adjoint, those at the side and on top
}
interface MatrixData {
  turns: number[]; marks: string[]; still: number[]; twice: Record<string, string>;
  products: { right: number; columns: number; left: number; rows: number };
}
interface Options {
  mode: string; wrt: string | null; output: string | null; seed: Exact; constants: string;
  inputs: { name: string; value: Exact }[];
  choices: Record<string, string[]>; // by setting; one that is missing is not offered now
  [setting: string]: any;
}
/** What a run of one mode and two side by side have in common. */
interface Shared {
  large?: any; // of a large graph: what makes its steps, or what was sent for that
  about: string; mode: string; frames: Frame[]; rows: Row[]; edges: Edge[]; names: Record<number, string>;
  code: { name: string; lines: string[] }[];
  phases: { name: string; steps: number }[];
  stops: { node: number[]; phase: number[] };
  tape?: TapeData;
  still?: string; // why there is none
  theirs?: Record<number, [string, boolean]>; // gradients of somebody else's code, and whether they differ from ours
  live?: Live; // what plays it
  fold?: { parts: [string, string, number, number, number, number][]; of: number[]; open: number[] };
}
/** One rule of the sweep is broken: what it may be, where it first mattered, what the inputs say when they are moved. */
interface MysteryData {
  claims: { name: string; says: string; refuted: string }[]; answer: number;
  found: { at: number; key: Key; edge: Key; there: string; right: string; says: string };
  nudges: { name: string; sweep: string; nudge: string; agrees: boolean | null }[];
  played?: PlayedMystery;
}
/** What a rule of the sweep makes of numbers, where that is not what the right one does: of what goes over edges, of so many arrivals, of what is passed on. */
interface BrokenRule { seed: string; sends: Record<string, string>; gather: Record<number, string>; passes: Record<number, string> }
/** What broken sweeps are played by, and what is said of them (film/mystery.py). */
interface PlayedMystery {
  rules: BrokenRule[]; bars?: Record<number, Numbers>[]; right?: Numbers[]; checks: [number, string][]; says: Record<number, string>; nowhere: string; same: string; seen: number; exact: number;
}
interface BrokenSweep { steps: StepNumbers[]; bars: number[]; passed: number[] }
/** A run of one mode, with its picture. */
interface Pane extends Shared, Drawn {
  title?: string;
  second: "adjoint" | "tangent" | null;
  changes: Record<Key, string>[]; costs: number[][]; matrices: MatrixData | { why: string };
  routes: { from: number; to: number; whole: Exact[] | null; seed: Exact };
  heat?: { maps: (HeatMap | null)[]; changes: Record<Key, number | null>[]; tables?: Record<number, string[]> };
  cells?: StepPlaces[]; // of small arrays, by step
  moves?: number[]; // of a film with a tape, the inputs that move, one in each forward sweep
  asks?: (Question | null)[] | Record<number, Question | null>; // of a large film, those of the steps that are seen
  turns?: (number | null)[] | Record<number, number | null>;
  waits?: Record<number, number[]>;
  mystery?: MysteryData;
}
/** What a player shows: such a run, or two as `panes`. */
type Film = Shared & Partial<Omit<Pane, keyof Shared | "second">> & {
  second: string | null; panes?: Pane[]; pieces?: string[]; scenes?: Record<string, Scene["svgs"]>;
  options: Options; run: number; announce: string; views: string[];
};
type SentPane = Omit<Pane, keyof Shared | "changes"> & { mode: string; changes?: Pane["changes"] }; // of a tape, the page makes them

/** A graph of real numbers as columns (graph/columns.py), with its values at first, and for what is said of nodes their formulas and lines (film/live.py). */
interface TapeData {
  ops: string[]; code: string; left: string; right: string; constants?: string; guards?: string; told?: string[];
  values: Exact[]; cells?: ArrayPlaces; shown?: Record<number, string>; lines?: Record<number, number | null>;
}
/** Where the numbers of a graph of small arrays are on its tape (graph/entries.py), and what film/live.py says of them. */
interface ArrayPlaces {
  /** By node the rows on the way to what NumPy computes in another way, from one to before another. */
  fragile?: Record<string, [number, number]>;
  nodes: Numbers[]; partials: Record<string, Numbers>; own: Record<number, number>; labels: Record<Key, string | [string, string]>;
  rows: Key[]; truths: number[];
}
/** Where a step's number is after it, and where one was there before, also what it brings and that; of a tangent with what its operands' shares cost. Of a value's step 0. */
type StepPlaces = Numbers | { A: Numbers; M: Numbers; B: Numbers } | [any, number[][], number];
/** A comparison: after which node, its sign, its operands, how it came out; what is said where it comes out otherwise. */
interface Guard { row: number[]; text: string }
/** An entry of the table (table/javascript.py). */
interface Operation {
  value: (...operands: number[]) => number;
  slopes: (((y: number, ...operands: number[]) => number) | null)[];
  outside?: (((x: number) => boolean) | null)[]; kinks?: ((...operands: number[]) => boolean)[];
  costs: number[][]; vanishes?: string; chooses?: boolean; setting?: boolean;
}
declare const OPERATIONS: Record<string, Operation>;
declare const WORDS: { notes: Record<string, string>; kinks: Record<string, string[]>; outside: Record<string, string[]> };
/** A step as it is sent: its sign, the node that it writes, the edge. */
interface Move { sign: string; id: number; child: number; slot: number }
interface StepNumbers<T = number> { before: T; amount: T; after: T }
interface Sweep { steps: StepNumbers[]; ends: number[] }
/** Of all nodes; those of an array are `Numbers`, and the sweeps over numbers see none. */
interface AllNumbers { values: any[]; partials: any[][]; played: number[] }
interface Played { values: number[]; partials: number[][] }
/** The values of a tape, perhaps up to where a domain is left or a comparison comes out otherwise. */
interface Run { values: number[]; left?: { id: number; slot: number; taken: number[] }; guard?: Guard }
interface Passed { slope: number; name: string; still: boolean }
/** How a sweep computes. */
interface SweepKind<T> { made(x: number): T; times(x: T, edge: Passed): T; plus(a: T, b: T): T; told(x: T): number }
type SentFilm = Omit<Film, "frames" | "panes"> & { frames: SentFrame[]; panes?: SentPane[] };
/** What is sent of a large graph (film/large.py). */
interface LargeData {
  ops: string[]; code: string; left: string; right: string; constants: string; guards: string; values: Exact[]; names: string[];
  is: string[]; places: Partial<Row>[]; place: number[]; hidden: number[]; output: number; seed: Exact; opening: string;
  dots: string[]; // the tangents of each forward sweep
}
/** A picture, and what is other in it in rows that fit a room, where its own do not. */
interface Drawn { svg: string; narrow?: (string | [number, Record<number, string>])[] | null }
interface Scene { open: number[]; svgs: (Drawn & Pick<Film, "asks" | "turns" | "waits">)[]; run?: number }

interface Prediction {
  step: number; node?: string; kind?: string; typed: string; number: any; wrong_turn: string | null; right: boolean;
  tries: number; revealed: boolean; seconds: number; run?: number; when: string;
}
type Outcome = Pick<Prediction, "typed" | "number" | "wrong_turn" | "right" | "tries" | "revealed" | "seconds">;

/** What the player needs of the page around it. Without a kernel nobody can be asked. */
interface Outside {
  report(at: number): void;
  moved(inputs: Record<string, Numbers>, waits: boolean): void; // the page has followed other inputs, or waits there for a film
  predictions: Prediction[];
  predicted(all: Prediction[]): void;
  ask: ((request: Record<string, any>) => void) | null;
  open: ((parts: number[]) => string) | null;
}

/** What a player remembers when the kernel sends it another film. */
interface Mind {
  pace: string; settings: boolean; keys: boolean; more: boolean; predicts: boolean; blank: boolean; motion: boolean; focus: string | null;
  views: Record<string, Mine>;
}
/** What a view remembers: whether it is open, and what else it likes. */
interface Mine { open: boolean; [what: string]: any }

/** What a key is called in the list, what it does, and how; `false` says that it means nothing now. */
interface KeyEntry<T> {
  keys: string;
  says: string;
  shift?: boolean; // whether it counts with Shift held, too
  on: Record<string, (of: T) => unknown>;
}

/** A view that can stand open beside the graph: one file in `views/`, one name in `VIEWS` of page.py. */
interface ViewKind {
  name: string; // as in bl.step(…, views=…), and its file's
  label: string; // on its button
  place?: number; // in the column beside the graph: from the top, those with less first
  css?: string[]; // classes of the player's main part while it is open
  remembers?: Record<string, any>;
  keys?: KeyEntry<View>[];
  offered?(film: Film): boolean; // whether there is a button for it
  make(player: Player, mine: Mine): View;
}
interface View {
  element?: HTMLElement; // beside the graph
  unseen?: HTMLElement; // what only screen readers find while it is shut
  show?(at: number): void; // the player is at another step
  renew?(): void; // all numbers are other ones, because an input has moved
  refresh?(): void; // it was opened or closed, or other parts of the graph are seen
  arrange?(big: boolean): void; // the same, and before the first step; whether the player is a projector
  light?(lit: Lit): void; // what a step lights
  line?(frame: Frame): void; // the step at which the player stands
  dark?(): void;
  follow?(): void; // scroll to what is lit
  choose?(id: number): void; // a node was chosen on the graph
  [own: string]: any;
}

/** What can be changed through the kernel; settings.py has what it is now and what may be chosen. */
interface Setting {
  name: string;
  label: string;
  texts?: Record<string, string>; // of choices that are called otherwise on the page
}
/** What the page changes itself. */
interface OwnSetting { label: string; title: string; now(mind: Mind): boolean; choose(mind: Mind, on: boolean): void }
/** anywidget's model. */
interface Model {
  get(key: string): any; set(key: string, value: any): void; save_changes(): void;
  on(event: string, run: (...sent: any[]) => void): void; off(event: string, run: (...sent: any[]) => void): void;
  widget_manager?: { kernel?: Kernel | null };
}
interface Kernel {
  id: string; isDisposed: boolean; status: string;
  statusChanged?: { connect(run: (_: any, status: string) => void): void; disconnect(run: (_: any, status: string) => void): void };
}
