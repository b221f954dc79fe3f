// The world as a process of the simulated host sees it: all its dealings with the world go through its life, so that a SIGKILL
// can fall between any two of them.

import type { DnsTransport } from "../discovery/dns-transport.js";
import { childOf } from "../discovery/pause.js";
import type { TranslatorHost } from "../engine/engine.js";
import type { Clock } from "../os/clock.js";
import { type Applied, type OsDriver, OsError } from "../os/driver.js";
import type { JournalStorage } from "../os/journal-storage.js";
import { revertOneByOne } from "../os/revert-one-by-one.js";
import type { Life } from "./life.js";

/** A clock that never wakes the dead. Waiting is no dealing with the world. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      // A signal of its own for each sleep: the daemon's live as long as it does, and would gather listeners.
      const { controller, release } = childOf(signal ?? new AbortController().signal);
      try {
        await clock.sleep(ms, controller.signal);
      } finally {
        release();
        await life.stay();
      }
    },
  };
}

export function mortalStorage(storage: JournalStorage, life: Life): JournalStorage {
  return {
    read: (path) => life.call(() => storage.read(path)),
    create: (path, text) => life.call(() => storage.create(path, text)),
    append: (path, text) => life.call(() => storage.append(path, text)),
    remove: (path) => life.call(() => storage.remove(path)),
  };
}

export function mortalTranslators(host: TranslatorHost, life: Life): TranslatorHost {
  return {
    start: async (dev, spec, fastPath) => {
      const running = await life.call(() => host.start(dev, spec, fastPath));
      return {
        update: (next, path) => life.call(() => running.update(next, path)),
        counters: () => running.counters(),
        stop: () => life.call(() => running.stop()),
        ended: running.ended,
      };
    },
  };
}

export function mortalTransport(transport: DnsTransport, life: Life): DnsTransport {
  return {
    query: async (server, packet, signal) => {
      try {
        return await transport.query(server, packet, signal);
      } finally {
        await life.stay();
      }
    },
  };
}

/** Lists are done one by one here, so that a SIGKILL can fall between two effects of a list. */
export function mortalOs(os: OsDriver, life: Life): OsDriver {
  const perform = (applied: Applied): Promise<void> => life.call(() => os.perform(applied));
  const revert = (applied: Applied): Promise<void> => life.call(() => os.revert(applied));
  return {
    prepare: (effect) => life.call(() => os.prepare(effect)),
    prepareAll: (effects) => life.call(() => os.prepareAll(effects)),
    perform,
    performAll: async (list) => {
      for (const [done, applied] of list.entries()) {
        try {
          await perform(applied);
        } catch (error) {
          if (!(error instanceof OsError)) throw error;
          throw error.with({ done });
        }
      }
    },
    revert,
    revertEach: (list) => revertOneByOne({ revert }, list),
    renew: (list) => life.call(() => os.renew(list)),
    snapshot: (netns) => life.call(() => os.snapshot(netns)),
    endOf: (process, netns) => os.endOf(process, netns),
    routeTo: (address, netns) => life.call(() => os.routeTo(address, netns)),
    watch: (signal) => mortalItems(os.watch(signal), life),
  };
}

/** The dead hear nothing any more. */
export async function* mortalItems<T>(items: AsyncIterable<T>, life: Life): AsyncGenerator<T> {
  for await (const item of items) {
    await life.stay();
    yield item;
  }
}
