const SECONDS = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;

/** The seconds of a length of time as Prometheus writes it (`7d`, `36h`, `1h30m`); undefined for anything else, and for none. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text.trim());
  if (parts === null) return undefined;
  const seconds = Object.values(SECONDS).reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * unit, 0);
  return seconds > 0 ? seconds : undefined;
}
