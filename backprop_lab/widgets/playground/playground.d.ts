// What the kernel sends of a playground (film/surface.py, widgets/playground.py), and what its parts hand each other.

/** A way through the student's function as columns (graph/columns.py), and the number of its result. */
interface SheetData extends Pick<TapeData, "ops" | "code" | "left" | "right" | "constants" | "guards" | "told"> { out: number }
/** The student's surface: its name, those of its parameters, a tape for each way, the data a row each, what is shown. */
interface SurfaceData {
  name: string; names: string[]; ways: SheetData[]; rows: number[][]; columns: string[];
  span: [number, number][]; orders: number[][]; missing: boolean;
  begins: RunData[]; // the runs with which it was made
  rules: Record<string, string>; symbols: Record<string, string>; rates: Record<string, number>; // of the methods: MathML, how settings are written, rates to begin with
}
/** A run as it is sent and kept: `settings` are the method's other numbers; a batch of 0 is all of the data; `style` its colour, dash and mark. */
interface RunData { method: string; rate: number; start: Exact[]; batch: number; settings: Record<string, number>; style: number }
/** A run on the page. */
interface Run2 extends RunData { course: Course; stale?: boolean }
/** What a playground remembers. */
interface GroundMind { ahead: boolean; together?: boolean; keys: boolean }
/** The value at a point, its slopes, and where there is none the reason. */
interface Spot { loss: number; slope: number[]; trouble: string }
/** Where a run stands, the loss on all data there, and the slope that the next step uses. */
interface Step { at: number[]; loss: number; slope: number[] }
/** A run from its start: its steps, the whole loss at each, and why it ended. */
interface Course { steps: Step[]; ends: "steps" | "diverged" | "trouble"; trouble: string; enters?: number }
/** A grid of values, row by row from below; nan where there is none. */
interface Grid { xs: number[]; ys: number[]; values: Float64Array; noisy: Float64Array | null }
/** An entry of the table of methods (descent/javascript.py): a coordinate's next place with its new state. */
interface Update {
  title: string; source: string; settings: Record<string, number>; state: Record<string, number>;
  point: ((w: number, s: Record<string, number>, c: Record<string, number>, t: number) => number) | null;
  step(w: number, g: number, s: Record<string, number>, c: Record<string, number>, t: number): { w: number } & Record<string, number>;
}
declare const METHODS: Record<string, Update>;
