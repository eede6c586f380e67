"""The compiler: catalog files in, checked facts and artefacts out.

    discover -> parse -> check shape -> merge -> link -> check meaning -> lower -> emit -> publish

Each stage is one module with one typed, frozen value in and one out; `build` runs them in order.
"""
