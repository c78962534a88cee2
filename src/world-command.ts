import { ux } from '@oclif/core';
import { openWorld, type OpenedWorld } from './app/open-world.ts';
import type { Sources } from './app/ports.ts';
import { BaseCommand, requestedOutput } from './base-command.ts';
import { collapseWarnings } from './render/warnings.ts';
import { wireSources } from './wiring.ts';
import { worldFlags, type WorldFlags } from './world-flags.ts';

/** How long nobody needs to be told that something goes on. */
const PATIENCE_MILLISECONDS = 1000;

/** A command that is asked about a world: it takes the flags that name one, and opens it. */
export abstract class WorldCommand extends BaseCommand {
  static override baseFlags = { ...BaseCommand.baseFlags, ...worldFlags };

  /**
   * Reads the world that the flags name, with progress on standard error where somebody watches; `adapt` may put other
   * sources in the place of those that the flags name.
   */
  protected async open(flags: WorldFlags, adapt = (sources: Sources): Sources => sources): Promise<OpenedWorld> {
    const watched = process.stderr.isTTY;
    const started = performance.now();
    const sources = wireSources(flags, {
      signal: () => this.signal,
      release: () => {
        this.releaseSignal();
      },
      version: this.config.version,
      progress: (text) => {
        if (watched && performance.now() - started > PATIENCE_MILLISECONDS) ux.action.start(text);
      },
    });
    try {
      const opened = await openWorld(adapt(sources));
      const { warnings } = opened.reading;
      const whole = this.jsonEnabled() || requestedOutput(this.argv) === 'wide';
      for (const warning of whole ? warnings : collapseWarnings(warnings)) this.warn(warning);
      return opened;
    } finally {
      if (watched) ux.action.stop();
    }
  }
}
