import { ux } from '@oclif/core';
import { openWorld, type OpenedWorld } from './app/open-world.ts';
import { BaseCommand } from './base-command.ts';
import { wireSources } from './wiring.ts';
import { worldFlags, type WorldFlags } from './world-flags.ts';

/** A command that is asked about a world: it takes the flags that name one, and opens it. */
export abstract class WorldCommand extends BaseCommand {
  static override baseFlags = { ...BaseCommand.baseFlags, ...worldFlags };

  /** Reads the world that the flags name, with progress on standard error where somebody watches. */
  protected async open(flags: WorldFlags): Promise<OpenedWorld> {
    const watched = process.stderr.isTTY;
    const sources = await wireSources(flags, {
      signal: () => this.signal,
      version: this.config.version,
      progress: (text) => {
        if (watched) ux.action.start(text);
      },
    });
    try {
      const opened = await openWorld(sources);
      for (const warning of opened.reading.warnings) this.warn(warning);
      return opened;
    } finally {
      if (watched) ux.action.stop();
    }
  }
}
