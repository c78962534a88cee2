/** The namespaces of generated worlds beside that of the control plane. */
export const NAMESPACES = ['red', 'blue', 'green', 'grey'] as const;

/** The accounts that pods of any namespace may have. */
export const ACCOUNTS = ['default', 'special', 'robot'] as const;
