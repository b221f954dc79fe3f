// Where a journal is kept. The file system does it for the daemon (linux/journal-file.ts); memory does it for the
// simulation, where a "SIGKILL" drops the process and keeps this.

export interface JournalStorage {
  /** Undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Refuses (rejects) where there is one already. On disk when it resolves. */
  create(path: string, text: string): Promise<void>;
  /** On disk when it resolves. False where there is no file any more: somebody has taken it away. */
  append(path: string, text: string): Promise<boolean>;
  remove(path: string): Promise<void>;
}

export function memoryStorage(): JournalStorage {
  const files = new Map<string, string>();
  return {
    read: async (path) => files.get(path),
    create: async (path, text) => {
      if (files.has(path)) throw new Error(`${path}: it exists already`);
      files.set(path, text);
    },
    append: async (path, text) => {
      const before = files.get(path);
      if (before === undefined) return false;
      files.set(path, before + text);
      return true;
    },
    remove: async (path) => {
      files.delete(path);
    },
  };
}
