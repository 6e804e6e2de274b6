/** Which connected applications asked for which methods; several take turns. */
export type RoutingTable<App> = {
  /** Idempotent: drachtio-srf repeats itself. */
  add(method: string, app: App): void;
  remove(method: string, app: App): void;
  removeAll(app: App): void;
  next(method: string): App | null;
};

/** Methods one application may name; more are of no use and take memory. */
const METHODS_MAX = 64;

/** An empty table. */
export function createRoutingTable<App>(): RoutingTable<App> {
  const routes = new Map<string, App[]>();
  return {
    add(method, app) {
      const apps = routes.get(method);
      if (apps === undefined) {
        if (routes.size < METHODS_MAX) routes.set(method, [app]);
      } else if (!apps.includes(app)) apps.push(app);
    },
    remove(method, app) {
      const apps = routes.get(method)?.filter((candidate) => candidate !== app);
      if (apps !== undefined) routes.set(method, apps);
    },
    removeAll(app) {
      for (const [method, apps] of routes) {
        routes.set(
          method,
          apps.filter((candidate) => candidate !== app),
        );
      }
    },
    next(method) {
      const apps = routes.get(method);
      const first = apps?.shift();
      if (apps === undefined || first === undefined) return null;
      apps.push(first);
      return first;
    },
  };
}
