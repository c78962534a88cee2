// Preloaded into what is measured: notes at its end how long it ran and how much memory it took at most.
import { writeFileSync } from 'node:fs';

const target = process.env['BENCH_USAGE'];
if (target !== undefined) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(
      target,
      JSON.stringify({
        seconds: performance.now() / 1000,
        cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
        peakMegabytes: maxRSS / 1024,
      }),
    );
  });
}
