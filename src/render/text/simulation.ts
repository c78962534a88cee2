import { simulationDocument } from '../simulation-document.ts';
import type { SimulationView } from '../simulation-lines.ts';
import { renderDocument, type TerminalOptions } from './document.ts';

export interface SimulationOptions extends TerminalOptions {
  /** All calls, and not the first few of each group. */
  readonly wide: boolean;
}

/** The simulation as text, without a final newline. */
export function renderSimulation(result: SimulationView, options: SimulationOptions): string {
  return renderDocument(simulationDocument(result, options), options);
}
